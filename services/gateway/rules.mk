# The gateway's TLS is GnuTLS, as libmicrohttpd's.
LDLIBS += -lgnutls
