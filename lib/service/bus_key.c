#include "lib/service/bus_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/private_file.h"

enum { FILE_BYTES = 1024 };

static bool read_text(int fd, const char *path, char text[FILE_BYTES], struct err *err)
{
    ssize_t len = read(fd, text, FILE_BYTES - 1);
    if (len < 0) return err_errno(err, errno, path);
    text[len] = 0;
    return true;
}

static bool find_in_file(struct bus_key_list *list, const char *path, struct err *err)
{
    char text[FILE_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_errno(err, errno, path);
    bool ok = private_file_check(fd, path, err) && read_text(fd, path, text, err) &&
              (bus_key_list_parse(list, text, err) || err_wrap(err, path));
    close(fd);
    sodium_memzero(text, sizeof text);
    return ok;
}

bool bus_key_find(struct bus_key_list *list, struct err *err)
{
    const char *path = getenv("CONSE_BUS_KEY_FILE"), *text = getenv("CONSE_BUS_KEY");
    *list = (struct bus_key_list){0};
    if (path && *path) return find_in_file(list, path, err);
    if (!text || !*text) return true;
    return (bus_key_list_parse(list, text, err) && list->count == 1) ||
           err_field(err, INVALID_FIELD, "CONSE_BUS_KEY", "CONSE_BUS_KEY must be 64 hex digits");
}
