# The routes are the gateway's.
NEEDS_methods := services/gateway
