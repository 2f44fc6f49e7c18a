#include "services/gateway/graph/tokens.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

static void check_list(struct token_check *check, struct token_check **first)
{
    check->next = *first;
    check->link = first;
    if (check->next) check->next->link = &check->next;
    *first = check;
}

static void check_unlist(struct token_check *check)
{
    *check->link = check->next;
    if (check->next) check->next->link = check->link;
}

void tokens_check(struct graphs *graphs, struct token_check *check, const char *authorization)
{
    check->graphs = graphs;
    check->authorization = strdup(authorization);
    check->wanted_ms = 0;
    if (!check->authorization) abort();
    check_list(check, &graphs->checks);
    loop_again(graphs->lent.loop);
}

void tokens_forget(struct token_check *check)
{
    if (!check->authorization) return;
    check_unlist(check);
    sodium_memzero(check->authorization, strlen(check->authorization));
    free(check->authorization);
    check->authorization = NULL;
}

static void check_end(struct token_check *check, const struct caller *caller, const struct err *err)
{
    tokens_forget(check);
    check->done(check->arg, caller, err);
}

// A key may be newer than those that are here. False when keys that were asked for since do not have it.
static bool want_keys(struct token_check *check)
{
    struct graphs *graphs = check->graphs;
    if (!check->wanted_ms)
        check->wanted_ms = clock_mono_ms();
    else if (key_fetch_answers(graphs->lent.keys, check->wanted_ms))
        return false;
    check_unlist(check);
    check_list(check, &graphs->wanting);
    key_fetch_begin(graphs->lent.keys);
    return true;
}

static void check_now(struct token_check *check)
{
    const struct graphs_options *lent = &check->graphs->lent;
    struct caller caller = {.known = true, .revocations = access_revocations(lent->access)};
    struct err err = {0};
    enum access_verdict verdict =
        access_check(lent->access, check->authorization, clock_unix_ms(), &caller.claims, &err);
    caller.checked_ms = loop_now_ms(lent->loop);
    if (verdict == ACCESS_UNKNOWN_KEY && want_keys(check)) return;
    check_end(check, &caller, verdict == ACCESS_GOOD ? NULL : &err);
}

void tokens_turn(struct graphs *graphs)
{
    while (graphs->checks) check_now(graphs->checks);
}

// Those that want keys again are listed anew.
void tokens_keys_arrived(struct graphs *graphs, const struct err *failure)
{
    struct token_check *wanting = graphs->wanting;
    if (wanting) wanting->link = &wanting;
    graphs->wanting = NULL;
    while (wanting) failure ? check_end(wanting, NULL, failure) : check_now(wanting);
}
