"""The gateway of text messages: templates, limits per number, reports of delivery, and everybody's inbox."""
