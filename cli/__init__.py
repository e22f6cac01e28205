"""`sfd`: the operator's command line."""
