// The ai service's settings, as --help lists them.
#include <stddef.h>

#include "services/ai/ai.h"

#define AT(field) offsetof(struct ai_settings, llm.field)
#define OF_DISCORD(field) offsetof(struct ai_settings, discord.field)

const struct config_var ai_vars[] = {
    {"CONSE_LLM_URL", CONFIG_TEXT, AT(url), "",
     "base URL of a language model's server that speaks OpenAI's chat completions, as "
     "https://api.example.org/v1; empty: summaries are extractive",
     0, 0, NULL},
    {"CONSE_LLM_KEY", CONFIG_SECRET, AT(key), "", "bearer token for it", 0, 0, NULL},
    {"CONSE_LLM_MODEL", CONFIG_TEXT, AT(model), "", "name of the model there; needed with a server", 0, 0,
     NULL},
    {"CONSE_LLM_TIMEOUT", CONFIG_DURATION, AT(timeout_ms), "15s",
     "how long the model may take for a summary, with all tries", 500, 25000, NULL},
    {"CONSE_LLM_WINDOW", CONFIG_INT, AT(window_tokens), "6000",
     "tokens of messages in one prompt, at most; what is longer is summed up in parts", 4000, 1000000, NULL},
    {"CONSE_LLM_DAY_USER", CONFIG_INT, AT(user_tokens), "100000",
     "tokens that one user may spend in a day (UTC)", 0, (int64_t)1 << 53, NULL},
    {"CONSE_LLM_DAY_ALL", CONFIG_INT, AT(all_tokens), "2000000", "tokens that all together may", 0,
     (int64_t)1 << 53, NULL},
    {"CONSE_DISCORD_PUBLIC_KEY", CONFIG_TEXT, OF_DISCORD(public_key), "",
     "public key of an application of Discord, in hex, which signs its interactions; empty: there is none", 0,
     0, NULL},
    {"CONSE_DISCORD_TOKEN", CONFIG_SECRET, OF_DISCORD(token), "", "token of its bot; needed with the key", 0,
     0, NULL},
    {"CONSE_DISCORD_API", CONFIG_TEXT, OF_DISCORD(api), "https://discord.com/api/v10",
     "where Discord's API is", 0, 0, NULL},
    {"CONSE_DISCORD_DAY_GUILD", CONFIG_INT, OF_DISCORD(guild_tokens), "200000",
     "tokens of the language model that the commands of one server of Discord may spend in a day (UTC)", 0,
     (int64_t)1 << 53, NULL},
    {0},
};
