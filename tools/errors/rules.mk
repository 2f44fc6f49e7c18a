# The statuses that codes have over HTTP are the gateway's.
NEEDS_errors := services/gateway
