"""新中新 Synjones: the signed TSM 2.0 gateway, and the older page of unsigned reads."""
