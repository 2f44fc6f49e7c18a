// getaddrinfo knows no deadline, so each question has a thread, which outlives who asked when it takes long;
// not by much, since it asks a name server twice.
#include "lib/net/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/net/name_places.h"
#include "lib/thread/wait.h"

enum { ANSWER_S = 2, TRIES = 2 };

struct question {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool done;
    int owners;     // the asker and the thread; who leaves last frees
    unsigned place; // among the names that are asked for
    char host[OUTSIDE_HOST + 1];
    struct outside_addresses found;
};

static struct name_places places = NAME_PLACES_INIT;

static void question_leave(struct question *question)
{
    pthread_mutex_lock(&question->mutex);
    bool last = --question->owners == 0;
    pthread_mutex_unlock(&question->mutex);
    if (!last) return;
    pthread_mutex_destroy(&question->mutex);
    pthread_cond_destroy(&question->answered);
    free(question);
}

static void add_address(struct outside_addresses *found, const struct addrinfo *one)
{
    if (found->count == OUTSIDE_ADDRESSES || one->ai_addrlen > sizeof *found->all) return;
    memcpy(&found->all[found->count++], one->ai_addr, one->ai_addrlen);
}

static void *question_work(void *arg)
{
    struct question *question = arg;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    unsigned place = question->place;
    if (res_init() == 0) _res.retrans = ANSWER_S, _res.retry = TRIES; // of this thread
    if (getaddrinfo(question->host, NULL, &hints, &list) != 0) list = NULL;
    pthread_mutex_lock(&question->mutex);
    for (const struct addrinfo *one = list; one; one = one->ai_next) add_address(&question->found, one);
    question->done = true;
    pthread_cond_signal(&question->answered);
    pthread_mutex_unlock(&question->mutex);
    if (list) freeaddrinfo(list);
    question_leave(question);
    name_places_give(&places, place);
    return NULL;
}

// A name with a domain is asked as it is, without the domains that this machine would try behind it.
static struct question *question_make(const char *host)
{
    struct question *question = calloc(1, sizeof *question);
    if (!question) return NULL;
    pthread_mutex_init(&question->mutex, NULL);
    wait_init(&question->answered);
    question->owners = 2;
    snprintf(question->host, sizeof question->host, "%s%s", host, strchr(host, '.') ? "." : "");
    return question;
}

static bool question_begin(struct question *question)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool begun = pthread_create(&thread, &attributes, question_work, question) == 0;
    pthread_attr_destroy(&attributes);
    return begun;
}

static bool question_wait(struct question *question, int64_t until_ms, struct outside_addresses *addresses)
{
    pthread_mutex_lock(&question->mutex);
    while (!question->done && wait_until(&question->answered, &question->mutex, until_ms)) continue;
    bool done = question->done;
    if (done) *addresses = question->found;
    pthread_mutex_unlock(&question->mutex);
    return done;
}

bool resolver_ask(void *arg, const char *host, int64_t until_ms, struct outside_addresses *addresses,
                  struct err *err)
{
    (void)arg;
    unsigned place;
    addresses->count = 0;
    if (!name_places_take(&places, host, &place))
        return err_fail(err, SERVICE_BUSY, "too many names are being resolved");
    struct question *question = question_make(host);
    if (question) question->place = place;
    bool begun = question && question_begin(question);
    if (!begun) {
        if (question) question->owners = 1, question_leave(question);
        name_places_give(&places, place);
        return err_fail(err, INTERNAL_ERROR, "no thread for a name");
    }
    bool done = question_wait(question, until_ms, addresses);
    question_leave(question);
    if (!done) return err_fail(err, DEADLINE_PASSED, "%s was not resolved in time", host);
    return addresses->count || err_fail(err, SERVICE_AWAY, "%s has no address", host);
}
