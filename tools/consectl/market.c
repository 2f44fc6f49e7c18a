// consectl card: role cards, as an operator makes them and stops dealing in them.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "market.pb-c.h"
#include "tools/consectl/consectl.h"

static int card_make(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    Chain__MakeCardRequest request = CHAIN__MAKE_CARD_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.user_id = argv[0];
    request.role_id = argv[1];
    request.event_id = argv[2];
    if (!ctl_ask(ctl, "chain.MakeCard", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
    ctl_print_json(reply);
    return STATUS_OK;
}

// One entry of the ledger withdraws some orders; this goes on until there are none.
static int set_stopped(struct ctl *ctl, const char *role_id, bool stopped)
{
    Chain__StopRoleRequest request = CHAIN__STOP_ROLE_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    uint64_t count = 0;
    request.role_id = role_id;
    request.go_on = !stopped;
    do {
        if (!ctl_ask(ctl, "chain.StopRole", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
        count += ((const Chain__StopRoleReply *)reply)->count;
    } while (((const Chain__StopRoleReply *)reply)->more);
    printf(ctl->json ? "{\"withdrawn\":%" PRIu64 "}\n" : "%" PRIu64 " orders withdrawn\n", count);
    return STATUS_OK;
}

static int card_stop(struct ctl *ctl, int argc, char **argv)
{
    return (void)argc, set_stopped(ctl, argv[0], true);
}

static int card_go_on(struct ctl *ctl, int argc, char **argv)
{
    return (void)argc, set_stopped(ctl, argv[0], false);
}

const struct ctl_command market_commands[] = {
    {.name = "card make",
     .usage = "USER_ID ROLE_ID EVENT_ID",
     .help = "gives a user a card of a role, won in an event",
     .more = "For what no rule gives. The card is as if it had been won there, and can be dealt in.",
     .least = 3,
     .most = 3,
     .run = card_make},
    {.name = "card stop",
     .usage = "ROLE_ID",
     .help = "withdraws all orders for a role's cards, and takes no others",
     .more = "What the orders held in reserve goes back to those who placed them.",
     .least = 1,
     .most = 1,
     .run = card_stop},
    {.name = "card go-on",
     .usage = "ROLE_ID",
     .help = "has a role's cards dealt in again",
     .more = "Orders that were withdrawn stay so.",
     .least = 1,
     .most = 1,
     .run = card_go_on},
    {0},
};
