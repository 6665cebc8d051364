"""常工 ISIMS: SOAP 1.1 with JSON in strings, several meters a room."""
