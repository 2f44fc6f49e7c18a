// A master key for tests, in a file of a folder.
#ifndef LIB_KEYS_TESTING_MASTER_H
#define LIB_KEYS_TESTING_MASTER_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Writes one of 64 times this hex digit into path, of at least len bytes.
static inline void test_master_key(char *path, size_t len, const char *folder, char digit)
{
    char text[64];
    memset(text, digit, sizeof text);
    snprintf(path, len, "%s/master-%c", folder, digit);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, sizeof text) != (ssize_t)sizeof text) test_give_up(path);
    close(fd);
}

#endif
