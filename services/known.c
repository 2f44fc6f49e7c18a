#include "services/known.h"

#include "services/ai/ai.h"
#include "services/auth/auth.h"
#include "services/chain/chain.h"
#include "services/events/events.h"
#include "services/gateway/settings.h"
#include "tools/conse-up/settings.h"
#include "tools/consectl/settings.h"

const struct known_program conse_programs[] = {
    {"gateway", false, gateway_vars},
    {"auth", true, auth_vars},
    {"events", true, events_vars},
    {"chain", true, chain_vars},
    {"ai", true, ai_vars},
    {NULL, false, conse_up_vars},
    {NULL, false, consectl_vars},
    {0},
};
