// LD_PRELOAD into one process of a test, as if somebody had taken it over: at SIGURG it reads the file that
// TEST_TAKEN names, at SIGWINCH it runs a program. What came of it is a line in its log.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *line)
{
    if (write(STDERR_FILENO, line, strlen(line)) < 0) abort();
}

static void read_file(int signal)
{
    char byte;
    (void)signal;
    int file = open(getenv("TEST_TAKEN"), O_RDONLY | O_CLOEXEC);
    say(file < 0 ? "taken: cannot open\n" : read(file, &byte, 1) == 1 ? "taken: read\n" : "taken: empty\n");
}

static void run_program(int signal)
{
    (void)signal;
    execl("/bin/echo", "echo", "taken: ran", (char *)NULL);
    say("taken: cannot run\n");
}

__attribute__((constructor)) static void take(void)
{
    signal(SIGURG, read_file);
    signal(SIGWINCH, run_program);
}
