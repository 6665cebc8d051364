"""The school's single sign-on, spoken to in CAS 3.0."""
