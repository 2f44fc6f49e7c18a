// A few threads that wait for the server at the same time: conditional updates are commands of their own, and
// go out together.
#include <stdlib.h>

#include "lib/store/mongo/mongo.h"

enum { TEAM_THREADS = 8 };

struct mongo_team {
    pthread_mutex_t lock;
    pthread_cond_t given, ended;
    void (*work)(void *arg, size_t at);
    void *arg;
    size_t next, count, under_way; // of the work given last
    bool stopping;
    size_t thread_count;
    pthread_t threads[TEAM_THREADS];
};

// With the lock held; does what is left of the work.
static void team_help(struct mongo_team *team)
{
    while (team->next < team->count) {
        size_t at = team->next++;
        team->under_way++;
        pthread_mutex_unlock(&team->lock);
        team->work(team->arg, at);
        pthread_mutex_lock(&team->lock);
        team->under_way--;
    }
    if (!team->under_way) pthread_cond_signal(&team->ended);
}

static void *team_main(void *arg)
{
    struct mongo_team *team = arg;
    pthread_mutex_lock(&team->lock);
    while (!team->stopping) {
        team_help(team);
        if (!team->stopping) pthread_cond_wait(&team->given, &team->lock);
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

void mongo_team_run(struct mongo_team *team, void (*work)(void *arg, size_t at), void *arg, size_t count)
{
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->arg = arg;
    team->next = 0;
    team->count = count;
    if (count > 1) pthread_cond_broadcast(&team->given);
    team_help(team);
    while (team->under_way) pthread_cond_wait(&team->ended, &team->lock);
    team->count = 0;
    pthread_mutex_unlock(&team->lock);
}

void mongo_team_stop(struct mongo_team *team)
{
    if (!team) return;
    pthread_mutex_lock(&team->lock);
    team->stopping = true;
    pthread_cond_broadcast(&team->given);
    pthread_mutex_unlock(&team->lock);
    for (size_t i = 0; i < team->thread_count; i++) pthread_join(team->threads[i], NULL);
    pthread_cond_destroy(&team->given);
    pthread_cond_destroy(&team->ended);
    pthread_mutex_destroy(&team->lock);
    free(team);
}

bool mongo_team_start(struct mongo_team **out, struct err *err)
{
    struct mongo_team *team = calloc(1, sizeof *team);
    if (!team) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->given, NULL);
    pthread_cond_init(&team->ended, NULL);
    while (team->thread_count < TEAM_THREADS &&
           pthread_create(&team->threads[team->thread_count], NULL, team_main, team) == 0)
        team->thread_count++;
    if (team->thread_count == TEAM_THREADS) return *out = team, true;
    mongo_team_stop(team);
    return err_fail(err, INTERNAL_ERROR, "no threads for the store");
}
