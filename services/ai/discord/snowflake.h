// Discord's ids: numbers that begin with the time. Pure.
#ifndef AI_DISCORD_SNOWFLAKE_H
#define AI_DISCORD_SNOWFLAKE_H

#include <stdbool.h>
#include <stdint.h>

enum { SNOWFLAKE = 21 };

bool snowflake_read(char out[SNOWFLAKE], const char *text); // false for what is none, and NULL
int64_t snowflake_ms(const char *id);                       // unix

#endif
