# The page at /docs goes into the gateway as it is; its TLS is GnuTLS, as libmicrohttpd's.
LDLIBS += -lgnutls

$(BUILD)/services/gateway/room.a: $(BUILD)/obj/services/gateway/api/docs/docs.o
$(BUILD)/obj/services/gateway/api/docs/docs.o: services/gateway/api/docs/docs.html services/gateway/api/docs/rules.mk
	@mkdir -p $(@D)
	$(Q)printf '.section .rodata\n.global docs_html, docs_html_len\ndocs_html: .incbin "$<"\n1: .byte 0\n.balign 8\ndocs_html_len: .quad 1b - docs_html\n.section .note.GNU-stack,"",%%progbits\n' \
		| $(CC) -x assembler -c -o $@ -
