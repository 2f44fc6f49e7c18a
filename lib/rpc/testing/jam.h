// NNG's reaper, held up as its bug does: in what it does for one pipe. While it is, NNG reports no lost pipe
// and dials none of them again.
#ifndef LIB_RPC_TESTING_JAM_H
#define LIB_RPC_TESTING_JAM_H

#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <semaphore.h>

#include "tests/test.h"

struct jam {
    nng_socket ours, theirs;
    sem_t held, released;
};

static inline void jam_hold(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    struct jam *jam = arg;
    (void)pipe, (void)event;
    sem_post(&jam->held);
    sem_wait(&jam->released);
}

static inline void jam_begin(struct jam *jam)
{
    nng_dialer dialer;
    sem_init(&jam->held, 0, 0);
    sem_init(&jam->released, 0, 0);
    assert_int_equal(nng_pair0_open(&jam->ours), 0);
    assert_int_equal(nng_pair0_open(&jam->theirs), 0);
    assert_int_equal(nng_pipe_notify(jam->ours, NNG_PIPE_EV_REM_POST, jam_hold, jam), 0);
    assert_int_equal(nng_listen(jam->theirs, "inproc://jam", NULL, 0), 0);
    assert_int_equal(nng_dial(jam->ours, "inproc://jam", &dialer, 0), 0);
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_int_equal(nng_sendmsg(jam->theirs, message, 0), 0);
    assert_int_equal(nng_recvmsg(jam->ours, &message, 0), 0);
    nng_pipe_close(nng_msg_get_pipe(message));
    nng_msg_free(message);
    sem_wait(&jam->held);
}

static inline void jam_end(struct jam *jam)
{
    for (int i = 0; i < 1000; i++) sem_post(&jam->released); // for the pipe's successors too
    nng_close(jam->ours);
    nng_close(jam->theirs);
}

#endif
