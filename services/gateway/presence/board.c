#include "services/gateway/presence/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.pb-c.h"
#include "presence.pb-c.h"

void board_finish(struct board *board)
{
    while (board->visits) visit_drop(board->visits);
    free(board->others);
    *board = (struct board){.visitors = board->visitors};
}

bool board_is_empty(const struct board *board) { return board->count == 0 && board->others_count == 0; }

bool board_has(const struct board *board, const char *user_id) { return visit_find(board, user_id); }

// ---- This process's

static struct visit_tab *tab_find(const struct board *board, const char *user_id, uint64_t tab)
{
    struct visit *visit = visit_find(board, user_id);
    return visit ? visit_find_tab(visit, tab) : NULL;
}

static void tab_remove(struct visit *visit, size_t at)
{
    visit_remove_tab(visit, at);
    if (!visit->count) visit_drop(visit);
}

// The oldest of those that nobody follows by gives way. False: there is none.
static bool board_make_room(struct board *board)
{
    struct visit *oldest = NULL;
    size_t at = 0;
    for (struct visit *visit = board->visits; visit; visit = visit->next)
        for (size_t i = 0; i < visit->count; i++) {
            if (visit->tabs[i].connections) continue;
            if (oldest && visit->tabs[i].since_ms >= oldest->tabs[at].since_ms) continue;
            oldest = visit;
            at = i;
        }
    if (oldest) tab_remove(oldest, at);
    return oldest;
}

static struct visit_tab *tab_make(struct board *board, const char *user_id, uint64_t tab, struct err *err)
{
    struct visit_tab *found = tab_find(board, user_id, tab);
    if (found) return found;
    if (board->count == BOARD_TABS && !board_make_room(board))
        return err_fail(err, LIMIT_REACHED, "too many follow the event"), NULL;
    struct visit *visit = visit_find(board, user_id);
    if (!visit) visit = visit_make(board, user_id);
    if (!visit) return err_fail(err, LIMIT_REACHED, "too many follow events"), NULL;
    found = visit_add_tab(visit, tab);
    if (!found && !visit->count) visit_drop(visit);
    if (!found) err_fail(err, INTERNAL_ERROR, "no memory");
    return found;
}

bool board_come(struct board *board, const char *user_id, uint64_t tab, struct err *err)
{
    struct visit_tab *found = tab_make(board, user_id, tab, err);
    if (!found) return false;
    found->connections++;
    return found->was_here = true;
}

void board_go(struct board *board, const char *user_id, uint64_t tab, int64_t now_ms)
{
    struct visit_tab *found = tab_find(board, user_id, tab);
    if (!found || !found->connections) return;
    if (--found->connections == 0) found->since_ms = now_ms;
}

bool board_say(struct board *board, const struct board_saying *saying, int64_t now_ms, struct err *err)
{
    struct visit_tab *found = tab_make(board, saying->user_id, saying->tab, err);
    if (!found) return false;
    found->away = saying->away;
    found->said_ms = saying->unix_ms;
    if (!found->connections && !found->was_here) found->since_ms = now_ms;
    return true;
}

// What was said of a tab that follows elsewhere is kept until it was heard there.
static int64_t tab_ends_ms(const struct visit_tab *tab)
{
    if (tab->connections) return 0;
    return tab->since_ms + (tab->was_here ? BOARD_LEAVES_MS : BOARD_LIFE_MS);
}

static void note_next(int64_t *next_ms, int64_t at_ms)
{
    if (at_ms && (!*next_ms || at_ms < *next_ms)) *next_ms = at_ms;
}

// Returns whether some of them were forgotten.
static bool visit_expire(struct visit *visit, int64_t now_ms, int64_t *next_ms)
{
    bool changed = false;
    for (size_t i = visit->count; i-- > 0;) {
        int64_t ends_ms = tab_ends_ms(&visit->tabs[i]);
        bool over = ends_ms && ends_ms <= now_ms;
        if (over)
            visit_remove_tab(visit, i);
        else
            note_next(next_ms, ends_ms);
        changed |= over;
    }
    if (!visit->count) visit_drop(visit);
    return changed;
}

int64_t board_expire(struct board *board, int64_t now_ms, bool *changed)
{
    int64_t next_ms = 0, others_end_ms = board->others_ms + BOARD_LIFE_MS;
    *changed = board->gave_way;
    board->gave_way = false;
    for (struct visit *visit = board->visits, *next; visit; visit = next) {
        next = visit->next;
        *changed |= visit_expire(visit, now_ms, &next_ms);
    }
    if (!board->others_count) return next_ms;
    if (others_end_ms > now_ms) return note_next(&next_ms, others_end_ms), next_ms;
    board->others_count = 0;
    *changed = true;
    return next_ms;
}

// ---- Between processes

static void tell_tab(const struct visit *visit, size_t at, Presence__Tab *told)
{
    const struct visit_tab *tab = &visit->tabs[at];
    presence__tab__init(told);
    told->user_id = visit->visitor->user_id.text;
    told->tab = tab->tab;
    told->here = tab->was_here;
    told->away = tab->away;
    told->said_ms = tab->said_ms;
}

uint8_t *board_pack(const struct board *board, size_t *len)
{
    Presence__Part part = PRESENCE__PART__INIT;
    Presence__Tab *rows = calloc(board->count + 1, sizeof *rows);
    part.tabs = calloc(board->count + 1, sizeof *part.tabs);
    for (const struct visit *visit = board->visits; rows && part.tabs && visit; visit = visit->next)
        for (size_t i = 0; i < visit->count; i++) {
            tell_tab(visit, i, &rows[part.n_tabs]);
            part.tabs[part.n_tabs] = &rows[part.n_tabs];
            part.n_tabs++;
        }
    *len = presence__part__get_packed_size(&part);
    uint8_t *bytes = rows && part.tabs ? malloc(*len + 1) : NULL;
    if (bytes) presence__part__pack(&part, bytes);
    free(rows);
    free(part.tabs);
    return bytes;
}

void board_hear_begin(struct board *board, int64_t now_ms)
{
    board->others_count = 0;
    board->others_ms = now_ms;
}

// What was said at another process of a tab that is here goes with it from now on.
static void board_adopt(struct board *board, const Presence__Tab *told)
{
    struct visit_tab *tab = tab_find(board, told->user_id, told->tab);
    if (!tab || told->said_ms <= tab->said_ms) return;
    tab->away = told->away;
    tab->said_ms = told->said_ms;
}

static bool others_reserve(struct board *board)
{
    if (board->others_count < board->others_room) return true;
    size_t room = board->others_room ? board->others_room * 2 : 8;
    struct board_tab *bigger = realloc(board->others, room * sizeof *bigger);
    if (!bigger) return false;
    board->others = bigger;
    board->others_room = room;
    return true;
}

static void board_add_other(struct board *board, const Presence__Tab *told)
{
    bool room = board->others_count < BOARD_PEOPLE && others_reserve(board);
    if (!uuid_check(told->user_id) || !room) return;
    struct board_tab *tab = &board->others[board->others_count++];
    *tab = (struct board_tab){
        .tab = told->tab, .here = told->here, .away = told->away, .said_ms = told->said_ms};
    snprintf(tab->user_id.text, sizeof tab->user_id.text, "%s", told->user_id);
    board_adopt(board, told);
}

void board_hear(struct board *board, const uint8_t *bytes, size_t len)
{
    Presence__Part *part = presence__part__unpack(NULL, len, bytes);
    for (size_t i = 0; part && i < part->n_tabs; i++) board_add_other(board, part->tabs[i]);
    presence__part__free_unpacked(part, NULL);
}

// ---- People

static int compare_tabs(const void *a, const void *b)
{
    const struct board_tab *one = a, *two = b;
    int order = strcmp(one->user_id.text, two->user_id.text);
    if (order) return order;
    if (one->tab != two->tab) return one->tab < two->tab ? -1 : 1;
    return one->said_ms > two->said_ms ? -1 : one->said_ms < two->said_ms; // the newest first
}

static bool is_same_tab(const struct board_tab *a, const struct board_tab *b)
{
    return a->tab == b->tab && strcmp(a->user_id.text, b->user_id.text) == 0;
}

// The state of the tab that begins at *at, which goes on behind it. Its newest word counts.
static Events__Presence__State tab_state(const struct board_tab *all, size_t count, size_t *at)
{
    const struct board_tab *first = &all[*at];
    bool here = false;
    for (; *at < count && is_same_tab(first, &all[*at]); ++*at) here |= all[*at].here;
    if (!here) return EVENTS__PRESENCE__STATE__GONE;
    return first->away ? EVENTS__PRESENCE__STATE__AWAY : EVENTS__PRESENCE__STATE__CONNECTED;
}

static void add_people(const struct board_tab *all, size_t count, struct board_people *people)
{
    for (size_t at = 0; at < count;) {
        const char *user_id = all[at].user_id.text;
        Events__Presence__State state = EVENTS__PRESENCE__STATE__GONE;
        while (at < count && strcmp(all[at].user_id.text, user_id) == 0) {
            Events__Presence__State of_tab = tab_state(all, count, &at);
            if (of_tab < state) state = of_tab; // CONNECTED, AWAY, GONE
        }
        if (state == EVENTS__PRESENCE__STATE__GONE || people->count == BOARD_PEOPLE) continue;
        struct board_person *person = &people->list[people->count++];
        memcpy(person->user_id.text, user_id, sizeof person->user_id.text);
        person->state = (uint8_t)state;
    }
}

static size_t copy_visits(const struct board *board, struct board_tab *all)
{
    size_t count = 0;
    for (const struct visit *visit = board->visits; visit; visit = visit->next)
        for (size_t i = 0; i < visit->count; i++) {
            const struct visit_tab *tab = &visit->tabs[i];
            all[count++] =
                (struct board_tab){visit->visitor->user_id, tab->tab, tab->was_here, tab->away, tab->said_ms};
        }
    return count;
}

bool board_people(const struct board *board, struct board_people *people)
{
    size_t count = board->count + board->others_count;
    struct board_tab *all = calloc(count + 1, sizeof *all);
    *people = (struct board_people){.list = calloc(count + 1, sizeof *people->list)};
    if (!all || !people->list) return free(all), board_people_free(people), false;
    size_t own = copy_visits(board, all);
    if (board->others_count) memcpy(all + own, board->others, board->others_count * sizeof *all);
    qsort(all, count, sizeof *all, compare_tabs);
    add_people(all, count, people);
    free(all);
    return true;
}

void board_people_free(struct board_people *people)
{
    free(people->list);
    *people = (struct board_people){.list = NULL};
}

bool board_people_equal(const struct board_people *a, const struct board_people *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].state != b->list[i].state ||
            strcmp(a->list[i].user_id.text, b->list[i].user_id.text) != 0)
            return false;
    return true;
}

uint8_t *board_people_pack(const struct board_people *people, size_t *len)
{
    Presence__Night night = PRESENCE__NIGHT__INIT;
    Presence__Person *rows = calloc(people->count + 1, sizeof *rows);
    night.people = calloc(people->count + 1, sizeof *night.people);
    for (size_t i = 0; rows && night.people && i < people->count; i++) {
        presence__person__init(&rows[i]);
        rows[i].user_id = people->list[i].user_id.text;
        rows[i].state = people->list[i].state;
        night.people[night.n_people++] = &rows[i];
    }
    *len = presence__night__get_packed_size(&night);
    uint8_t *bytes = rows && night.people ? malloc(*len + 1) : NULL;
    if (bytes) presence__night__pack(&night, bytes);
    free(rows);
    free(night.people);
    return bytes;
}

bool board_people_unpack(struct board_people *people, const uint8_t *bytes, size_t len)
{
    Presence__Night *night = presence__night__unpack(NULL, len, bytes);
    *people = (struct board_people){0};
    if (!night) return false;
    people->list = calloc(night->n_people + 1, sizeof *people->list);
    for (size_t i = 0; people->list && i < night->n_people; i++) {
        if (!uuid_check(night->people[i]->user_id) || people->count == BOARD_PEOPLE) continue;
        struct board_person *person = &people->list[people->count++];
        snprintf(person->user_id.text, sizeof person->user_id.text, "%s", night->people[i]->user_id);
        person->state = (uint8_t)night->people[i]->state;
    }
    presence__night__free_unpacked(night, NULL);
    return people->list;
}
