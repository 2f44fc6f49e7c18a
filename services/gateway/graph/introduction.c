#include "services/gateway/graph/introduction.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/gateway/graph/tokens.h"

// What a ticket is bound to in place of topics: it opens sockets only.
static const char socket_topics[] = ",graphql";

struct introduction {
    struct graphs *graphs;
    introduced *done;
    void *arg;
    struct caller caller;
    char address[ADDRESS_SIZE], household[ADDRESS_SIZE];
    char ticket[TICKET_SIZE + 1];
    struct token_check check;
    struct desk_order *order; // a ticket is being used
};

struct introduction *introduction_begin(struct graphs *graphs, const struct caller *caller,
                                        const char *ticket, introduced *done, void *arg)
{
    struct introduction *introduction = calloc(1, sizeof *introduction);
    if (!introduction) abort();
    introduction->graphs = graphs;
    introduction->done = done;
    introduction->arg = arg;
    introduction->caller = *caller;
    snprintf(introduction->address, sizeof introduction->address, "%s", caller->address);
    snprintf(introduction->household, sizeof introduction->household, "%s", caller->household);
    snprintf(introduction->ticket, sizeof introduction->ticket, "%s", ticket);
    introduction->caller.address = introduction->address;
    introduction->caller.household = introduction->household;
    return introduction;
}

void introduction_end(struct introduction *introduction)
{
    if (!introduction) return;
    tokens_forget(&introduction->check);
    if (introduction->order) desk_forget(introduction->order);
    sodium_memzero(introduction->ticket, sizeof introduction->ticket);
    free(introduction);
}

static void introduction_refuse(struct introduction *introduction, const struct err *why)
{
    struct err err = *why;
    introduction->done(introduction->arg, NULL, &err);
}

static void introduction_admit(struct introduction *introduction)
{
    struct err err = {0};
    introduction->done(introduction->arg, &introduction->caller, &err);
}

// ---- By claims that were found good a while ago

static bool is_let_in(const struct introduction *introduction, const struct token_claims *claims)
{
    return claims->expires_s * 1000 > clock_unix_ms() &&
           !access_is_revoked(introduction->graphs->lent.access, claims);
}

static void admit_claims(struct introduction *introduction, const struct token_claims *claims)
{
    struct caller *caller = &introduction->caller;
    struct err err;
    caller->revocations = access_revocations(introduction->graphs->lent.access);
    caller->checked_ms = loop_now_ms(introduction->graphs->lent.loop);
    if (is_let_in(introduction, claims)) {
        caller->claims = *claims;
        caller->known = true;
        return introduction_admit(introduction);
    }
    err_fail(&err, TOKEN_INVALID, "the access token has ended");
    introduction_refuse(introduction, &err);
}

// ---- By a token, a ticket

static void on_checked(void *arg, const struct caller *caller, const struct err *err)
{
    struct introduction *introduction = arg;
    if (err) return introduction_refuse(introduction, err);
    introduction->caller.known = true;
    introduction->caller.claims = caller->claims;
    introduction->caller.revocations = caller->revocations;
    introduction->caller.checked_ms = caller->checked_ms;
    introduction_admit(introduction);
}

static void on_ticket(void *arg, const struct desk_order *order)
{
    struct introduction *introduction = arg;
    introduction->order = NULL;
    if (!order->ok) return introduction_refuse(introduction, &order->err);
    admit_claims(introduction, &order->claims);
}

static void use_ticket(struct introduction *introduction)
{
    struct desk_order *order = calloc(1, sizeof *order);
    if (!order) abort();
    order->done = on_ticket;
    order->arg = introduction;
    memcpy(order->ticket, introduction->ticket, sizeof order->ticket);
    memcpy(order->topics, socket_topics, sizeof socket_topics);
    introduction->order = order;
    desk_ask(introduction->graphs->lent.desk, order);
}

void introduction_go_on(struct introduction *introduction, const char *token)
{
    if (token) {
        introduction->check.done = on_checked;
        introduction->check.arg = introduction;
        return tokens_check(introduction->graphs, &introduction->check, token);
    }
    if (*introduction->ticket) return use_ticket(introduction);
    if (introduction->caller.known) return admit_claims(introduction, &introduction->caller.claims);
    introduction_admit(introduction);
}
