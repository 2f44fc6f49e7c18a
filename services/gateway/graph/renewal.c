#include "services/gateway/graph/renewal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "services/gateway/graph/tokens.h"

enum { LEASE_MOST = 64 };

struct renewal {
    struct question *question;
    renewed *done;
    void *arg;
    struct token_check check;
};

static void answer_lease(struct question *question, const struct token_claims *claims)
{
    Google__Protobuf__Timestamp expires = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Auth__TokenLease lease = AUTH__TOKEN_LEASE__INIT;
    uint8_t packed[LEASE_MOST];
    expires.seconds = claims->expires_s;
    lease.expires_at = &expires;
    gql_run_answer(question, NULL, packed, auth__token_lease__pack(&lease, packed));
}

static void on_checked(void *arg, const struct caller *caller, const struct err *refused)
{
    struct renewal *renewal = arg;
    struct question *question = renewal->question;
    struct err err = refused ? *refused : (struct err){0};
    renewal->done(renewal->arg, refused ? NULL : caller, &err);
    free(renewal);
    if (err.reason)
        gql_run_answer(question, &err, NULL, 0);
    else
        answer_lease(question, &caller->claims);
}

struct renewal *renewal_begin(struct graphs *graphs, struct question *question, const struct gql_ask *ask,
                              renewed *done, void *arg)
{
    struct renewal *renewal = calloc(1, sizeof *renewal);
    Auth__RenewTokenRequest *request =
        auth__renew_token_request__unpack(NULL, ask->payload.len, ask->payload.data);
    char authorization[TOKEN_MAX_LEN + sizeof "Bearer "];
    if (!renewal || !request) abort();
    *renewal = (struct renewal){.question = question, .done = done, .arg = arg};
    renewal->check.done = on_checked;
    renewal->check.arg = renewal;
    snprintf(authorization, sizeof authorization, "Bearer %s", request->access_token);
    tokens_check(graphs, &renewal->check, authorization);
    auth__renew_token_request__free_unpacked(request, NULL);
    return renewal;
}

void renewal_give_up(struct renewal *renewal)
{
    struct err err;
    if (!renewal) return;
    struct question *question = renewal->question;
    tokens_forget(&renewal->check);
    free(renewal);
    err_fail(&err, CLIENT_GONE, "the socket is gone");
    gql_run_answer(question, &err, NULL, 0);
}
