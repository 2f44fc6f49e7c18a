#include "services/chain/node/desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/chain/node/addresses.h"

enum { WANTED_MOST = 64 };

struct desk {
    struct desk_options options;
    struct judge judge;
    pthread_t thread;
    pthread_mutex_t mutex; // guards the rest
    pthread_cond_t filled;
    struct desk_message *first, **last; // that wait
    struct desk_message *answered;
    struct ledger_account wanted[WANTED_MOST];
    size_t wanted_count;
    bool stopping;
};

// ---- The queue

void desk_bring(struct desk *desk, struct desk_message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&desk->mutex);
    *desk->last = message;
    desk->last = &message->next;
    pthread_cond_signal(&desk->filled);
    pthread_mutex_unlock(&desk->mutex);
}

struct desk_message *desk_answered(struct desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    struct desk_message *answered = desk->answered;
    desk->answered = NULL;
    pthread_mutex_unlock(&desk->mutex);
    return answered;
}

static bool is_wanted(const struct desk *desk, const struct ledger_account *key)
{
    for (size_t i = 0; i < desk->wanted_count; i++)
        if (ledger_account_equal(&desk->wanted[i], key)) return true;
    return false;
}

void desk_want(struct desk *desk, const struct ledger_account *key)
{
    pthread_mutex_lock(&desk->mutex);
    if (desk->wanted_count < WANTED_MOST && !is_wanted(desk, key)) desk->wanted[desk->wanted_count++] = *key;
    pthread_cond_signal(&desk->filled);
    pthread_mutex_unlock(&desk->mutex);
}

static struct desk_message *take_message(struct desk *desk)
{
    struct desk_message *message = desk->first;
    if (!message) return NULL;
    desk->first = message->next;
    if (!desk->first) desk->last = &desk->first;
    return message;
}

// ---- The thread

static void answer_message(struct desk *desk, struct desk_message *message)
{
    judge_answer(&desk->judge, message->bytes, message->length, clock_unix_ms(), &message->answer);
    pthread_mutex_lock(&desk->mutex);
    message->next = desk->answered;
    desk->answered = message;
    pthread_mutex_unlock(&desk->mutex);
    desk->options.done(desk->options.arg);
}

static void make_address(struct desk *desk, const struct ledger_account *key)
{
    const char *address;
    struct err err = {0};
    arena_reset(&desk->judge.arena);
    if (!addresses_make(desk->options.chain, &desk->judge.addresses, key, &desk->judge.arena, &address, &err))
        log_err(LOG_WARN, "an address can't be made", &err);
}

// Waits for something to do; an address, which is made once, goes before messages. False: the desk closes.
static bool desk_next(struct desk *desk, struct desk_message **message, struct ledger_account *wanted)
{
    pthread_mutex_lock(&desk->mutex);
    while (!desk->stopping && !desk->first && !desk->wanted_count)
        pthread_cond_wait(&desk->filled, &desk->mutex);
    bool open = !desk->stopping;
    bool wants = open && desk->wanted_count;
    *message = open && !wants ? take_message(desk) : NULL;
    if (wants) *wanted = desk->wanted[--desk->wanted_count];
    pthread_mutex_unlock(&desk->mutex);
    return open;
}

static void *desk_main(void *arg)
{
    struct desk *desk = arg;
    struct desk_message *message;
    struct ledger_account wanted;
    while (desk_next(desk, &message, &wanted)) {
        if (message)
            answer_message(desk, message);
        else
            make_address(desk, &wanted);
    }
    return NULL;
}

// ---- Life

static void desk_free(struct desk *desk)
{
    pthread_cond_destroy(&desk->filled);
    pthread_mutex_destroy(&desk->mutex);
    free(desk);
}

bool desk_start(struct desk **out, const struct desk_options *options, struct err *err)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk) return err_fail(err, INTERNAL_ERROR, "out of memory");
    desk->options = *options;
    desk->last = &desk->first;
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->filled, NULL);
    if (!judge_open(&desk->judge, options->chain, err)) return desk_free(desk), false;
    int rv = pthread_create(&desk->thread, NULL, desk_main, desk);
    if (!rv) return *out = desk, true;
    judge_close(&desk->judge);
    desk_free(desk);
    return err_errno(err, rv, "chain.desk");
}

void desk_stop(struct desk *desk)
{
    if (!desk) return;
    pthread_mutex_lock(&desk->mutex);
    desk->stopping = true;
    pthread_cond_signal(&desk->filled);
    pthread_mutex_unlock(&desk->mutex);
    pthread_join(desk->thread, NULL);
    judge_close(&desk->judge);
    desk_free(desk);
}
