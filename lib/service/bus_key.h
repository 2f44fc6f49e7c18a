// Where the keys of the bus are set: in CONSE_BUS_KEY_FILE, one or two lines of 64 hex digits, or the one key
// in CONSE_BUS_KEY. The file belongs to us or root, and others may not read it.
#ifndef LIB_SERVICE_BUS_KEY_H
#define LIB_SERVICE_BUS_KEY_H

#include "lib/rpc/bus_keys.h"

// Reads the setting, and the file again each time. An empty list when neither is set.
MUST_CHECK bool bus_key_find(struct bus_key_list *list, struct err *err);

#endif
