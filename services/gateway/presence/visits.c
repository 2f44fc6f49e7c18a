#include "services/gateway/presence/visits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/presence/board.h"

// ---- Users

static uint64_t hash_user(const struct visitors *visitors, const char *user_id)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)user_id, strlen(user_id), visitors->key);
    return hash;
}

static struct visitor *visitor_find(const struct visitors *visitors, const char *user_id)
{
    return (struct visitor *)names_find(&visitors->users, user_id, hash_user(visitors, user_id));
}

static struct visitor *visitor_make(struct visitors *visitors, const char *user_id)
{
    struct visitor *visitor = visitor_find(visitors, user_id);
    if (visitor) return visitor;
    visitor = calloc(1, sizeof *visitor);
    if (!visitor) return NULL;
    snprintf(visitor->user_id.text, sizeof visitor->user_id.text, "%s", user_id);
    visitor->name = (struct name){.hash = hash_user(visitors, user_id), .text = visitor->user_id.text};
    if (!names_add(&visitors->users, &visitor->name)) return free(visitor), NULL;
    return visitor;
}

static void visitor_drop_idle(struct visitors *visitors, struct visitor *visitor)
{
    if (visitor->visits) return;
    names_remove(&visitors->users, &visitor->name);
    free(visitor);
}

void visitors_finish(struct visitors *visitors) { names_finish(&visitors->users); }

// ---- Visits

struct visit *visit_find(const struct board *board, const char *user_id)
{
    const struct visitor *visitor = visitor_find(board->visitors, user_id);
    struct visit *visit = visitor ? visitor->visits : NULL;
    while (visit && visit->board != board) visit = visit->next_of;
    return visit;
}

static void give_way(struct visitor *visitor)
{
    struct visit *oldest = visitor->visits;
    while (oldest->next_of) oldest = oldest->next_of;
    oldest->board->gave_way = true;
    visit_drop(oldest);
}

static void visit_list(struct visit *visit)
{
    struct visitor *visitor = visit->visitor;
    visit->next_of = visitor->visits;
    visitor->visits = visit;
    visitor->count++;
    visit->link = &visit->board->visits;
    visit->next = *visit->link;
    if (visit->next) visit->next->link = &visit->next;
    *visit->link = visit;
}

struct visit *visit_make(struct board *board, const char *user_id)
{
    struct visitors *visitors = board->visitors;
    struct visitor *visitor = visitor_make(visitors, user_id);
    struct visit *visit = visitor ? calloc(1, sizeof *visit) : NULL;
    if (!visitor) return NULL;
    if (visitor->count == VISITS_OF_USER) give_way(visitor); // not the last: the visitor stays
    if (!visit || visitors->visits == VISITS_MOST)
        return free(visit), visitor_drop_idle(visitors, visitor), NULL;
    visitors->visits++;
    visit->visitor = visitor;
    visit->board = board;
    visit_list(visit);
    return visit;
}

void visit_drop(struct visit *visit)
{
    struct visitor *visitor = visit->visitor;
    struct visitors *visitors = visit->board->visitors;
    struct visit **at = &visitor->visits;
    visit->board->count -= visit->count;
    while (*at != visit) at = &(*at)->next_of;
    *at = visit->next_of;
    visitor->count--;
    visitors->visits--;
    *visit->link = visit->next;
    if (visit->next) visit->next->link = visit->link;
    free(visit->tabs);
    free(visit);
    visitor_drop_idle(visitors, visitor);
}

// ---- Tabs

struct visit_tab *visit_find_tab(const struct visit *visit, uint64_t tab)
{
    for (size_t i = 0; i < visit->count; i++)
        if (visit->tabs[i].tab == tab) return &visit->tabs[i];
    return NULL;
}

void visit_remove_tab(struct visit *visit, size_t at)
{
    visit->count--;
    visit->board->count--;
    memmove(&visit->tabs[at], &visit->tabs[at + 1], (visit->count - at) * sizeof *visit->tabs);
}

static bool visit_reserve(struct visit *visit)
{
    if (visit->count < visit->room) return true;
    size_t room = visit->room ? visit->room * 2 : 1;
    struct visit_tab *bigger = realloc(visit->tabs, room * sizeof *bigger);
    if (!bigger) return false;
    visit->tabs = bigger;
    visit->room = room;
    return true;
}

struct visit_tab *visit_add_tab(struct visit *visit, uint64_t tab)
{
    if (visit->count == VISIT_TABS) visit_remove_tab(visit, 0);
    if (!visit_reserve(visit)) return NULL;
    struct visit_tab *added = &visit->tabs[visit->count++];
    *added = (struct visit_tab){.tab = tab};
    visit->board->count++;
    return added;
}
