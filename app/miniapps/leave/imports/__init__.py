"""Timetables and exams as the office of teaching exports them."""
