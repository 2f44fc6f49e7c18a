# The page at /docs goes into the gateway as it is; its TLS is GnuTLS, as libmicrohttpd's.
LDLIBS += -lgnutls

$(BUILD)/services/gateway/room.a: $(BUILD)/obj/services/gateway/docs/docs.o
$(BUILD)/obj/services/gateway/docs/docs.o: services/gateway/docs/docs.html
	@mkdir -p $(@D)
	printf '.section .rodata\n.global docs_html, docs_html_end\ndocs_html: .incbin "$<"\ndocs_html_end: .byte 0\n.section .note.GNU-stack,"",%%progbits\n' \
		| $(CC) -x assembler -c -o $@ -
