// Any bytes as an interaction: what is taken is whole, and no text of it leaves its place.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/discord/commands.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct interaction got;
    struct err err;
    char text[COMMAND_FIRST];
    char *exact = malloc(len ? len : 1); // so that a read behind the end is found
    if (!exact) abort();
    if (len) memcpy(exact, bytes, len);
    if (interaction_read(&got, exact, len, &err) && got.type != INTERACTION_PING) {
        assert(*got.id && *got.application_id && *got.channel_id && *got.user_id && *got.token);
        assert(!strpbrk(got.token, "/?#%"));
        assert(got.hours >= 0 && got.hours <= COMMAND_HOURS);
        if (command_says(&got, text)) assert(strlen(text) < sizeof text);
    }
    free(exact);
    return 0;
}
