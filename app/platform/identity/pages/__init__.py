"""Pages of identity: sign-in on phone and console, binding, the account, roles, invitations."""
