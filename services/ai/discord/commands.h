// The commands, and what is said at once. Pure.
#ifndef AI_DISCORD_COMMANDS_H
#define AI_DISCORD_COMMANDS_H

#include "discord.pb-c.h"
#include "lib/base/buf.h"
#include "services/ai/discord/interaction.h"

enum { COMMAND_HOURS = 24, COMMAND_FIRST = 4096 };

// JSON, as Discord takes a list of commands.
extern const char commands_json[];

// Which kind of work the command is; UNSPECIFIED: it is answered at once.
Discord__JobRow__Kind command_kind(const struct interaction *interaction);
// Why it is not done, or what it says without work; false: there is work.
bool command_says(const struct interaction *interaction, char text[COMMAND_FIRST]);

// First answers.
void first_pong(struct buf *answer);
void first_text(struct buf *answer, const char *text); // for the asker alone
void first_later(struct buf *answer, bool public);     // "is thinking..."

#endif
