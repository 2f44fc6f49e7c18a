# Works on a stopped service's files with the service's own handlers.
NEEDS_consectl := services/auth services/events services/chain services/ai
