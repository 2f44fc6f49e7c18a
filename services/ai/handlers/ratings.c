// How well people play: one's rating with what made it so, and all of them in order.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names/names.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/shown.h"
#include "services/ai/tables.h"

enum { PAGE = 20, PAGE_MOST = 100 };

static bool is_filled(const void *made, struct err *err)
{
    return made || err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static int64_t day_of(const struct rpc_call *call) { return call->now_ms / STANDINGS_DAY_MS; }

// ---- One's own, and what made it so

static bool is_somebody(const struct ai *ai, const char *user_id, struct err *err)
{
    struct name_told told;
    if (names_get(ai->names, user_id, &told)) return true;
    if (names_is_deleted(ai->names, user_id) || names_are_fresh(ai->names))
        return err_field(err, NOT_FOUND, "user_id", "there is no such user");
    err_fail(err, SERVICE_AWAY, "news from auth is late, so nobody knows who this is");
    err->retry_after_s = 1;
    return false;
}

// To everybody but themselves.
static bool is_shown(const struct rpc_call *call, const char *user_id, struct err *err)
{
    const struct ai *ai = call->service;
    return shows_rating(ai, call->caller->user_id, user_id) ||
           err_field(err, RATING_HIDDEN, "user_id", "they show their rating to nobody");
}

static bool show_rating(struct rpc_call *call, const char *user_id, uint32_t *number, Ai__Rating **shown,
                        struct err *err)
{
    const struct ai *ai = call->service;
    const struct standings *standings = board_hold(ai->board);
    *number = standings_player(standings, user_id);
    *shown = shown_rating(ai->board, standings, user_id, *number, day_of(call), call->arena);
    board_release(ai->board);
    return is_filled(*shown, err);
}

static bool find_changes(struct rpc_call *call, uint32_t number, uint32_t most, const char *page_token,
                         struct store_rows *rows, struct err *err)
{
    const struct ai *ai = call->service;
    const struct store_query query = {.index = "by_player",
                                      .equal = {{.number = number}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = most,
                                      .page_token = page_token};
    return store_find(ai->store, &ai_tables[AI_RESULTS], &query, call->arena, rows, err);
}

static bool show_changes(struct rpc_call *call, const struct store_rows *rows, Ai__RatingChange ***changes,
                         size_t *count, struct err *err)
{
    *changes = arena_array(call->arena, rows->count + 1, sizeof **changes);
    if (!*changes) return is_filled(NULL, err);
    for (; *count < rows->count; ++*count) {
        Ai__RatingChange *change =
            shown_change((const Standings__ResultRow *)rows->messages[*count], call->arena);
        if (!change) return is_filled(NULL, err);
        (*changes)[*count] = change;
    }
    return true;
}

HANDLER(get_rating, Ai__GetRatingRequest, Ai__GetRatingReply)
{
    uint32_t number;
    struct store_rows rows;
    return is_somebody(call->service, request->user_id, err) && is_shown(call, request->user_id, err) &&
           show_rating(call, request->user_id, &number, &reply->rating, err) &&
           find_changes(call, number, PAGE, "", &rows, err) &&
           show_changes(call, &rows, &reply->history, &reply->n_history, err);
}

static uint32_t number_of(const struct ai *ai, const char *user_id)
{
    uint32_t number = standings_player(board_hold(ai->board), user_id);
    board_release(ai->board);
    return number;
}

HANDLER(list_changes, Ai__ListRatingChangesRequest, Ai__ListRatingChangesReply)
{
    const struct ai *ai = call->service;
    const uint32_t most = request->page_size ? (uint32_t)request->page_size : PAGE;
    struct store_rows rows;
    if (!is_somebody(ai, request->user_id, err) || !is_shown(call, request->user_id, err) ||
        !find_changes(call, number_of(ai, request->user_id), most, request->page_token, &rows, err))
        return false;
    reply->next_page_token = rows.next_page_token;
    return show_changes(call, &rows, &reply->changes, &reply->n_changes, err);
}

// ---- All

// A token is the place where the page begins.
static bool choose_place(const char *token, size_t *place, struct err *err)
{
    char canonical[24];
    *place = *token ? strtoul(token, NULL, 10) : 1;
    snprintf(canonical, sizeof canonical, "%zu", *place);
    return !*token || (*place > 0 && strcmp(canonical, token) == 0) ||
           err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

static bool show_ranked(struct rpc_call *call, const struct standings *standings, size_t place, size_t most,
                        Ai__ListRatingsReply *reply, struct err *err)
{
    const struct ai *ai = call->service;
    uint32_t numbers[PAGE_MOST];
    size_t count;
    if (!board_ranked(ai->board, day_of(call), place, numbers, most, &count)) return is_filled(NULL, err);
    for (; reply->n_ratings < most && place + reply->n_ratings <= count; reply->n_ratings++) {
        uint32_t number = numbers[reply->n_ratings];
        const struct uuid id = uuid_text(standings->players[number - 1].id);
        Ai__Rating *shown = shown_rating(ai->board, standings, id.text, number, day_of(call), call->arena);
        if (!shown) return is_filled(NULL, err);
        reply->ratings[reply->n_ratings] = shown;
    }
    if (place + reply->n_ratings <= count)
        reply->next_page_token = arena_printf(call->arena, "%zu", place + reply->n_ratings);
    return is_filled(reply->next_page_token, err);
}

HANDLER(list_ratings, Ai__ListRatingsRequest, Ai__ListRatingsReply)
{
    const struct ai *ai = call->service;
    size_t place, most = request->page_size ? (size_t)request->page_size : PAGE;
    if (!choose_place(request->page_token, &place, err)) return false;
    reply->ratings = arena_array(call->arena, most, sizeof *reply->ratings);
    if (!reply->ratings) return is_filled(NULL, err);
    const struct standings *standings = board_hold(ai->board);
    bool ok = show_ranked(call, standings, place, most, reply, err);
    board_release(ai->board);
    return ok;
}

const struct rpc_method ai_rating_methods[] = {
    RPC_METHOD("ai.GetRating", get_rating),
    RPC_METHOD("ai.ListRatingChanges", list_changes),
    RPC_METHOD("ai.ListRatings", list_ratings),
    {0},
};
