// libcurl's start, once in a process, for those of this room that use it.
#ifndef LIB_NET_CURL_START_H
#define LIB_NET_CURL_START_H

void curl_start(void);

#endif
