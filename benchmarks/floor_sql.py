"""The statements of the floor, one for each that the product sends."""

SESSION = """
SELECT s.id, s.person_id, s.surface, s.seen_at, s.must_change,
  (SELECT json_agg(json_build_array(g.role, g.scope_kind, g.scope_id)) FROM identity_role_grants g
   WHERE g.person_id = s.person_id AND g.starts_at <= %(now)s AND (g.ends_at IS NULL OR g.ends_at > %(now)s))
   AS roles,
  (SELECT array_agg(a.kind) FROM directory_affiliations a WHERE a.person_id = s.person_id
   AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on > %(day)s)) AS kinds
FROM identity_sessions s JOIN directory_people p ON p.id = s.person_id
WHERE s.token_hash = %(hash)s AND s.revoked_at IS NULL AND s.expires_at > %(now)s
  AND p.merged_into_id IS NULL AND p.erased_at IS NULL
"""
CALENDAR_LOAD = "SELECT day, is_workday FROM operations_calendar_days"
INSERT_KEY = """
INSERT INTO idempotency_keys (owner, key, fingerprint, status, body, headers, created_at)
VALUES (%(owner)s, %(key)s, %(fingerprint)s, 0, '', '{}', %(now)s) ON CONFLICT DO NOTHING RETURNING id
"""
UPDATE_KEY = """
UPDATE idempotency_keys SET status = %(status)s, body = %(body)s, headers = %(headers)s WHERE id = %(id)s
"""
CATEGORY = """
SELECT c.id, c.name, c.parent_id, c.is_urgent, c.is_active, s.code AS successor
FROM repairs_categories c LEFT JOIN repairs_categories s ON s.id = c.successor_id WHERE c.code = %(code)s
"""
PLACE = """
SELECT c.id AS campus_id, c.name AS campus_name, c.name_en AS campus_name_en, b.id AS building_id,
  b.code AS building_code, b.name AS building_name, b.name_en AS building_name_en, b.is_dorm,
  b.is_active AS building_is_active, r.id AS room_id, r.number AS room_number, r.floor, r.is_private,
  r.is_active AS room_is_active
FROM directory_buildings b JOIN directory_campuses c ON c.id = b.campus_id
JOIN directory_rooms r ON r.building_id = b.id WHERE r.id = %(room)s
"""
ROUTE = """
SELECT unit_id, team_id FROM repairs_routes
WHERE (campus_id IS NULL OR campus_id = %(campus)s) AND (building_id IS NULL OR building_id = %(building)s)
  AND (category_id IS NULL OR category_id IN (%(category)s, %(parent)s))
ORDER BY building_id IS NOT NULL DESC, category_id IS NOT DISTINCT FROM %(category)s DESC,
  category_id IS NOT NULL DESC, campus_id IS NOT NULL DESC, id LIMIT 1
"""
INSERT_TICKET = """
INSERT INTO repairs_tickets (public_id, number, version, channel, reporter_id, submitted_by_id, contact_phone,
  contact_phone_index, campus_id, building_id, room_id, place_text, place_text_en, place_note, category_id,
  category_name, detail, is_hazard, priority, access, visit_from, visit_until, status, status_since, unit_id,
  team_id, cycle, sla, response_due_at, resolve_due_at, next_due_at, paused_seconds, is_response_late,
  is_accept_late, is_resolve_late, created_at, urge_count)
VALUES (%(public_id)s, concat(%(month)s::text, to_char(nextval('repairs_number_seq'), 'FM99999990000')), 1,
  'api', %(reporter)s, %(reporter)s, NULL, NULL, %(campus)s, %(building)s, %(room)s, %(place_text)s,
  %(place_text_en)s, NULL, %(category)s, %(category_name)s, %(detail)s, false, 'normal', 'present', NULL, NULL,
  'submitted', %(now)s, %(unit)s, %(team)s, 1, %(sla)s, %(response_due)s, %(resolve_due)s, %(response_due)s, 0,
  false, false, false, %(now)s, 0)
RETURNING id, public_id, number, is_hazard, resolve_due_at
"""
INSERT_EVENT = """
INSERT INTO repairs_ticket_events (ticket_id, seq, cycle, action, from_status, to_status, actor_id, actor_role,
  payload, at)
VALUES (%(ticket)s, 1, 1, 'submit', NULL, 'submitted', %(actor)s, 'reporter', %(payload)s, %(now)s)
"""
INSERT_OUTBOX = """
INSERT INTO outbox_deliveries (event, subscriber, payload, request_id, status, attempts, fence, created_at,
  due_at)
VALUES ('TicketMoved', 'repairs.on_ticket_moved', %(payload)s, %(request)s, 'pending', 0, 0, %(now)s, %(now)s)
"""
TICKET = "SELECT * FROM repairs_tickets WHERE public_id = %(id)s"
EVENTS = """
SELECT at, action, actor_id, actor_role, reason, note, payload FROM repairs_ticket_events
WHERE ticket_id = %(ticket)s ORDER BY seq DESC
"""
PEOPLE = """
SELECT p.id, p.public_id, p.name, p.name_en, p.number, p.gender,
  (SELECT array_agg(f.kind) FROM directory_affiliations f WHERE f.person_id = p.id
   AND f.starts_on <= %(day)s AND (f.ends_on IS NULL OR f.ends_on > %(day)s)) AS kinds, a.id AS asked_id
FROM directory_people p JOIN directory_people a ON p.id = coalesce(a.merged_into_id, a.id)
WHERE a.id = ANY(%(ids)s) AND p.merged_into_id IS NULL
"""
PHOTOS = "SELECT kind, photo_id FROM repairs_ticket_photos WHERE ticket_id = %(ticket)s ORDER BY id"
RATINGS = """
SELECT cycle, is_follow_up, speed, quality, attitude, tags, comment, created_at FROM repairs_ratings
WHERE ticket_id = %(ticket)s ORDER BY id
"""
UNIT = "SELECT id, code, name, name_en, kind, parent_id, is_active FROM directory_org_units WHERE id = %(id)s"
BOARD = """
SELECT id, public_id, number, version, status, status_since, priority, is_hazard, place_text, place_text_en,
  category_name, detail, reporter_id, worker_id, team_id, next_due_at, resolve_due_at, hold_reason, hold_until,
  access, visit_from, visit_until, urge_count, cycle, rating, created_at, finished_at, building_id
FROM repairs_tickets WHERE status = ANY(%(open)s) AND unit_id = ANY(%(units)s)
ORDER BY next_due_at, id LIMIT 51
"""
COUNTS = """
SELECT status, count(*) AS jobs, count(*) FILTER (WHERE next_due_at < %(now)s) AS late
FROM repairs_tickets WHERE status = ANY(%(open)s) AND unit_id = ANY(%(units)s) GROUP BY status
"""
TEAMS = """
SELECT id, parent_id, name, name_en, code FROM directory_org_units WHERE kind = 'team' AND is_active ORDER BY id
"""
MEMBERS = """
SELECT a.org_unit_id, p.id AS person_id FROM directory_affiliations a JOIN directory_people p
ON p.id = a.person_id WHERE a.org_unit_id = ANY(%(ids)s) AND a.kind IN ('staff', 'contractor')
  AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on > %(day)s) ORDER BY p.number NULLS LAST, p.id
"""
HEADS = """
SELECT org_unit_id, person_id FROM directory_posts WHERE org_unit_id = ANY(%(ids)s) AND post = 'head'
  AND starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s) ORDER BY starts_on, id
"""
WORKLOAD = """
SELECT worker_id, count(*) AS jobs, count(*) FILTER (WHERE building_id = -1) AS here FROM repairs_tickets
WHERE status = ANY(%(open)s) AND worker_id = ANY(%(ids)s) GROUP BY worker_id
"""
