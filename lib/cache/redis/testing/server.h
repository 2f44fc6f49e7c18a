// A real Redis in a folder of its own, at a socket and at a port.
#ifndef LIB_CACHE_REDIS_TESTING_SERVER_H
#define LIB_CACHE_REDIS_TESTING_SERVER_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "tests/test.h"

struct redis_server {
    char folder[TEST_FOLDER_BYTES], socket[64], port[8];
    pid_t pid;
};

static inline void redis_free_port(char port[8])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    snprintf(port, 8, "%u", ntohs(at.sin_port));
}

static inline redisContext *redis_server_ask(const struct redis_server *server)
{
    redisContext *redis = redisConnectUnix(server->socket);
    assert_true(redis && !redis->err);
    return redis;
}

static inline bool redis_answers(const struct redis_server *server)
{
    redisContext *redis = redisConnectUnix(server->socket);
    redisReply *reply = redis && !redis->err ? redisCommand(redis, "PING") : NULL;
    bool answers = reply != NULL;
    freeReplyObject(reply);
    if (redis) redisFree(redis);
    return answers;
}

// Starts it, also again after its end, with further arguments, ended by NULL.
static inline void redis_server_start(struct redis_server *server, const char *const *more)
{
    const char *arguments[32] = {"redis-server", "--port",       server->port, "--bind", "127.0.0.1",
                                 "--unixsocket", server->socket, "--save",     "",       "--dir",
                                 server->folder, "--logfile",    "redis.log"};
    size_t count = 13;
    while (more && *more) arguments[count++] = *more++;
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // when a test fails
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    int64_t until_ms = clock_mono_ms() + 10000;
    while (!redis_answers(server) && clock_mono_ms() < until_ms) usleep(10000);
    assert_true(redis_answers(server));
}

static inline void redis_server_make(struct redis_server *server)
{
    test_folder_make(server->folder);
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    redis_free_port(server->port);
}

// A new one that runs, and the URL of its socket. The program ignores SIGPIPE from now on, as services do.
static inline void redis_server_open(struct redis_server *server, char url[128])
{
    signal(SIGPIPE, SIG_IGN);
    redis_server_make(server);
    redis_server_start(server, NULL);
    snprintf(url, 128, "redis+unix://%s", server->socket);
}

static inline void redis_server_kill(struct redis_server *server)
{
    if (!server->pid) return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

#endif
