// What every C test begins with: cmocka, short words for its tables, and a folder of its own.
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IS(name) CONSE__REASON__VALUE__##name // a reason

// A row of a test table whose test stands between set_up and tear_down of its file.
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

enum { TEST_FOLDER_BYTES = 32 };

static inline void test_give_up(const char *path)
{
    perror(path);
    _exit(1);
}

// How many a process has open, without pipes: a sanitizer speaks by two with the program that names its
// functions.
static inline int test_descriptors_of(pid_t pid)
{
    char path[64], target[16];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *descriptors = opendir(path);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(descriptors));) {
        ssize_t len = readlinkat(dirfd(descriptors), entry->d_name, target, sizeof target);
        if (len >= 0 && (len < 5 || strncmp(target, "pipe:", 5) != 0)) count++;
    }
    closedir(descriptors);
    return count;
}

static inline int test_descriptors(void) { return test_descriptors_of(getpid()); }

// Makes an empty folder and writes its name into path, of at least TEST_FOLDER_BYTES. When that fails, the
// process ends, also a forked one.
static inline void test_folder_make(char *path)
{
    strcpy(path, "/tmp/conse-test-XXXXXX");
    if (!mkdtemp(path)) test_give_up(path);
}

static inline int test_folder_remove_entry(const char *path, const struct stat *status, int type,
                                           struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

// Removes the folder with everything in it; it may be absent.
static inline void test_folder_remove(const char *path)
{
    if (access(path, F_OK) == 0 && nftw(path, test_folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        test_give_up(path);
}

#endif
