"""The school's unified payment platform: a cashier for browsers, a gateway for merchants, notices, a day file."""
