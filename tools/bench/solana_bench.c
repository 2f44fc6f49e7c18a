#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/chain/solana/ticket_program.h"
#include "services/chain/solana/transaction.h"

// What a payment costs the chain service in processor time, per operation: deriving the addresses of a
// reservation and composing its v0 transaction, signing it, parsing the wallet's bytes, checking the
// signature.

enum { ROUNDS = 5 };

struct payment {
    struct solana_programs programs;
    struct solana_seat seat;
    struct solana_signer player, authority;
    struct solana_permit permit;
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
};

static void solana_compose(struct payment *p)
{
    struct solana_instruction instructions[4];
    struct err err;
    solana_compute_unit_limit(&instructions[0], 60000);
    solana_compute_unit_price(&instructions[1], 1000);
    solana_ticket_reserve(&instructions[2], &p->programs, &p->seat, &p->permit);
    solana_memo(&instructions[3], "event 7, seat 3, attempt 1", &p->seat.player);
    struct solana_draft draft = {
        .payer = p->seat.player, .instructions = instructions, .instruction_count = 4, .versioned = true};
    if (!solana_message_compile(&draft, p->bytes, &p->len, &err)) abort();
}

static void solana_authorize(struct payment *p)
{
    struct err err;
    if (!solana_transaction_sign(p->bytes, p->len, &p->authority, &err)) abort();
}

static void solana_sign(struct payment *p)
{
    struct err err;
    if (!solana_transaction_sign(p->bytes, p->len, &p->player, &err)) abort();
}

static void solana_parse(struct payment *p)
{
    struct solana_transaction tx;
    struct err err;
    if (!solana_transaction_parse(&tx, p->bytes, p->len, &err)) abort();
}

static void solana_verify(struct payment *p)
{
    struct solana_transaction tx;
    struct err err;
    if (!solana_transaction_parse(&tx, p->bytes, p->len, &err) || !solana_transaction_verify(&tx, &err))
        abort();
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static double solana_microseconds(void (*run)(struct payment *), struct payment *p)
{
    double start = cpu_seconds(), spent;
    unsigned long count = 0;
    do {
        for (int i = 0; i < 64; i++) run(p);
        count += 64;
        spent = cpu_seconds() - start;
    } while (spent < 0.2);
    return spent / count * 1e6;
}

static int solana_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double solana_median(void (*run)(struct payment *), struct payment *p)
{
    double rounds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) rounds[i] = solana_microseconds(run, p);
    qsort(rounds, ROUNDS, sizeof rounds[0], solana_ascending);
    return rounds[ROUNDS / 2];
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    struct payment p = {.programs = solana_programs_default(), .permit.not_after_s = 1800000000};
    solana_signer_init(&p.player, (const uint8_t[32]){1});
    solana_signer_init(&p.authority, (const uint8_t[32]){7});
    p.permit.authority = solana_signer_key(&p.authority);
    p.seat = (struct solana_seat){
        .event = {{5}}, .player = solana_signer_key(&p.player), .whitelist = {{6}}, .reference = {{3}}};
    printf("solana compose reservation %8.2f us\n", solana_median(solana_compose, &p));
    solana_authorize(&p);
    printf("solana sign                %8.2f us (%zu bytes)\n", solana_median(solana_sign, &p), p.len);
    printf("solana parse               %8.3f us\n", solana_median(solana_parse, &p));
    printf("solana parse and verify    %8.2f us\n", solana_median(solana_verify, &p));
    return 0;
}
