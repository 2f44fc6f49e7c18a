# Works on a stopped service's files with the service's own handlers.
NEEDS_consectl := services/auth services/events services/chain services/ai
# Knows the settings of all programs.
$(BUILD)/bin/consectl: $(call objects,services/known.c services/gateway/settings.c tools/conse-up/settings.c)
