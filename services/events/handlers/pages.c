#include "services/events/handlers/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 20, PAGE_BYTES = 128 << 10 };

bool page_choose(struct view_page *page, int32_t size, const char *token, size_t count, struct err *err)
{
    char canonical[24];
    long first = token[0] ? strtol(token, NULL, 10) : 1;
    *page = (struct view_page){
        .first = (int32_t)first, .most = size ? (size_t)size : PAGE, .most_bytes = PAGE_BYTES};
    if (!token[0]) return true;
    snprintf(canonical, sizeof canonical, "%ld", first);
    return (first > 0 && (size_t)first <= count && strcmp(canonical, token) == 0) ||
           err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

bool page_token(const struct view_page *page, const char **token, struct arena *arena, struct err *err)
{
    if (page->next) *token = arena_printf(arena, "%d", page->next);
    return filled(*token, err);
}
