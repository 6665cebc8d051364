"""The floor's board: one plain template that draws the same rows with as many bytes."""

PAGE = """<!doctype html>
<html lang="zh-CN" data-face="console">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="csrf" content="{{ csrf }}">
<meta name="now" content="{{ moment.isoformat() }}">
<title>报修看板</title>
<link rel="stylesheet" href="/static/console.css">
<script src="/static/htmx.min.js" defer></script>
</head>
<body>
<nav class="rail"><a class="brand" href="/desk/">微生活</a>
<ul><li><a href="/desk/repairs/" aria-current="page">报修看板</a></li></ul></nav>
<main id="page">
<h1>报修看板</h1>
<nav class="chips">{% for status, count in counts.items() %}<a class="chip" href="/desk/repairs/?view={{ status }}">\
{{ labels[status] }}<b class="num">{{ count }}</b></a>{% endfor %}
<select name="team_id">{% for team in teams %}<option value="{{ team.id }}">{{ team.name }}</option>{% endfor %}</select>
</nav>
<table class="table" id="tickets"><tbody>{% for row in rows %}\
<tr id="row-{{ row.public_id }}" data-row="{{ row.public_id }}" \
data-url="/desk/repairs/tickets/{{ row.public_id }}" class="{{ 'late' if row.next_due_at < moment }}" tabindex="-1">\
<td class="pick-cell"><input type="checkbox" name="ids" value="{{ row.public_id }}" data-pick \
aria-label="选中 {{ row.number }}"></td><td data-col="number"><a href="/desk/repairs/tickets/{{ row.public_id }}" \
hx-get="/desk/repairs/tickets/{{ row.public_id }}" hx-target="#panel">{{ row.number }}</a></td>
<td data-col="status"><span class="word word_ask">{{ labels[row.status] }}</span></td>\
<td data-col="what" class="grow"><strong>{{ row.place_text }}</strong> {{ row.category_name }}\
{% if row.is_hazard %} <span class="tag tag_bad">安全</span>{% endif %}\
{% if row.urge_count %} <span class="tag tag_warn">催 {{ row.urge_count }} 次</span>{% endif %}\
{% if row.detail %} <span class="quiet">{{ row.detail }}</span>{% endif %}</td>\
<td data-col="worker" class="opt">{% if row.worker_id %}{{ names[row.worker_id].name }}{% else %}\
<span class="quiet">—</span>{% endif %}</td>\
<td data-col="reported" class="opt"><time class="num" datetime="{{ row.created_at.isoformat() }}" \
title="{{ local(row.created_at).strftime('%Y-%m-%d %H:%M:%S') }}">{{ local(row.created_at).strftime('%m-%d %H:%M') }}\
</time></td><td data-col="due" class="num"><time class="due num" datetime="{{ row.next_due_at.isoformat() }}" \
title="{{ local(row.next_due_at).strftime('%Y-%m-%d %H:%M:%S') }}" data-due>\
{{ local(row.next_due_at).strftime('%m-%d %H:%M') }}</time></td></tr>
{% endfor %}</tbody></table>
<form class="multi" method="post" action="/desk/repairs/dispatch-many" hidden>
<input type="hidden" name="_csrf" value="{{ csrf }}"><select name="worker_id">{% for worker, jobs in workers %}\
<option value="{{ worker.id }}">{{ worker.name }}（{{ jobs }}）</option>{% endfor %}</select></form>
</main>
</body>
</html>
"""
