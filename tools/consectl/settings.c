#include "tools/consectl/settings.h"

const struct config_var consectl_vars[] = {
    {"CONSE_URL", CONFIG_TEXT, 0, "", "the gateway", 0, 0, NULL},
    {"CONSE_BACKUP_TO", CONFIG_TEXT, 0, "", "public key that dumps are sealed to; of consectl backup-key", 0,
     0, NULL},
    {"CONSE_BACKUP_KEY_FILE", CONFIG_PATH, 0, "", "file of the key that opens them", 0, 0, NULL},
    {0},
};
