"""What a developer's machine needs around the application: servers, supervisor, demo."""
