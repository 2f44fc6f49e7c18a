// libmongoc and libbson, loaded when the first database is opened: a process whose data is in files has
// neither in memory. Every function of theirs that this folder calls is listed twice here; one that is not
// does not link.
#ifndef LIB_STORE_MONGO_LIBRARY_H
#define LIB_STORE_MONGO_LIBRARY_H

#include <mongoc/mongoc.h>

#include "lib/base/err.h"

// Loads and starts it, once per process, with its log in ours; it is ended at exit. An error when it is not
// installed.
MUST_CHECK bool mongo_library_start(struct err *err);

// clang-format off
#define MONGO_LIBRARY(X) \
    X(bcon_append) X(bcon_new) X(bson_append_array_begin) X(bson_append_array_end) X(bson_append_binary) \
    X(bson_append_bool) X(bson_append_date_time) X(bson_append_document) X(bson_append_document_begin) \
    X(bson_append_document_end) X(bson_append_int32) X(bson_append_int64) X(bson_append_utf8) \
    X(bson_as_relaxed_extended_json) X(bson_bcon_magic) X(bson_copy) X(bson_count_keys) X(bson_destroy) \
    X(bson_free) X(bson_has_field) X(bson_init_static) X(bson_iter_as_bool) X(bson_iter_as_int64) \
    X(bson_iter_binary) X(bson_iter_document) X(bson_iter_find) X(bson_iter_find_descendant) X(bson_iter_init) \
    X(bson_iter_init_find) X(bson_iter_key) X(bson_iter_next) X(bson_iter_recurse) X(bson_iter_type) \
    X(bson_iter_utf8) X(bson_new) X(bson_steal) X(bson_uint32_to_string) X(bson_utf8_validate) \
    X(mongoc_apm_callbacks_destroy) X(mongoc_apm_callbacks_new) X(mongoc_apm_command_started_get_command_name) X(mongoc_apm_command_started_get_context) \
    X(mongoc_apm_set_command_started_cb) X(mongoc_cleanup) X(mongoc_client_command_simple) \
    X(mongoc_client_get_collection) X(mongoc_client_pool_destroy) X(mongoc_client_pool_new_with_error) \
    X(mongoc_client_pool_pop) X(mongoc_client_pool_push) X(mongoc_client_pool_set_apm_callbacks) \
    X(mongoc_client_pool_set_error_api) X(mongoc_client_select_server) X(mongoc_collection_destroy) \
    X(mongoc_collection_find_with_opts) X(mongoc_cursor_destroy) X(mongoc_cursor_error) X(mongoc_cursor_next) \
    X(mongoc_init) X(mongoc_log_set_handler) X(mongoc_server_description_destroy) \
    X(mongoc_server_description_type) X(mongoc_uri_destroy) X(mongoc_uri_get_appname) X(mongoc_uri_get_database) \
    X(mongoc_uri_get_option_as_bool) X(mongoc_uri_get_option_as_int32) X(mongoc_uri_has_option) \
    X(mongoc_uri_new_with_error) X(mongoc_uri_set_appname) X(mongoc_uri_set_option_as_bool) \
    X(mongoc_uri_set_option_as_int32)
// clang-format on

#define MONGO_DECLARE(name) extern __typeof__(&(name)) mongo_##name;
MONGO_LIBRARY(MONGO_DECLARE)

#ifndef MONGO_LIBRARY_ITSELF
#define bcon_append mongo_bcon_append
#define bcon_new mongo_bcon_new
#define bson_append_array_begin mongo_bson_append_array_begin
#define bson_append_array_end mongo_bson_append_array_end
#define bson_append_binary mongo_bson_append_binary
#define bson_append_bool mongo_bson_append_bool
#define bson_append_date_time mongo_bson_append_date_time
#define bson_append_document mongo_bson_append_document
#define bson_append_document_begin mongo_bson_append_document_begin
#define bson_append_document_end mongo_bson_append_document_end
#define bson_append_int32 mongo_bson_append_int32
#define bson_append_int64 mongo_bson_append_int64
#define bson_append_utf8 mongo_bson_append_utf8
#define bson_as_relaxed_extended_json mongo_bson_as_relaxed_extended_json
#define bson_bcon_magic mongo_bson_bcon_magic
#define bson_copy mongo_bson_copy
#define bson_count_keys mongo_bson_count_keys
#define bson_destroy mongo_bson_destroy
#define bson_free mongo_bson_free
#define bson_has_field mongo_bson_has_field
#define bson_init_static mongo_bson_init_static
#define bson_iter_as_bool mongo_bson_iter_as_bool
#define bson_iter_as_int64 mongo_bson_iter_as_int64
#define bson_iter_binary mongo_bson_iter_binary
#define bson_iter_document mongo_bson_iter_document
#define bson_iter_find mongo_bson_iter_find
#define bson_iter_find_descendant mongo_bson_iter_find_descendant
#define bson_iter_init mongo_bson_iter_init
#define bson_iter_init_find mongo_bson_iter_init_find
#define bson_iter_key mongo_bson_iter_key
#define bson_iter_next mongo_bson_iter_next
#define bson_iter_recurse mongo_bson_iter_recurse
#define bson_iter_type mongo_bson_iter_type
#define bson_iter_utf8 mongo_bson_iter_utf8
#define bson_new mongo_bson_new
#define bson_steal mongo_bson_steal
#define bson_uint32_to_string mongo_bson_uint32_to_string
#define bson_utf8_validate mongo_bson_utf8_validate
#define mongoc_apm_callbacks_destroy mongo_mongoc_apm_callbacks_destroy
#define mongoc_apm_callbacks_new mongo_mongoc_apm_callbacks_new
#define mongoc_apm_command_started_get_command_name mongo_mongoc_apm_command_started_get_command_name
#define mongoc_apm_command_started_get_context mongo_mongoc_apm_command_started_get_context
#define mongoc_apm_set_command_started_cb mongo_mongoc_apm_set_command_started_cb
#define mongoc_cleanup mongo_mongoc_cleanup
#define mongoc_client_command_simple mongo_mongoc_client_command_simple
#define mongoc_client_get_collection mongo_mongoc_client_get_collection
#define mongoc_client_pool_destroy mongo_mongoc_client_pool_destroy
#define mongoc_client_pool_new_with_error mongo_mongoc_client_pool_new_with_error
#define mongoc_client_pool_pop mongo_mongoc_client_pool_pop
#define mongoc_client_pool_push mongo_mongoc_client_pool_push
#define mongoc_client_pool_set_apm_callbacks mongo_mongoc_client_pool_set_apm_callbacks
#define mongoc_client_pool_set_error_api mongo_mongoc_client_pool_set_error_api
#define mongoc_client_select_server mongo_mongoc_client_select_server
#define mongoc_collection_destroy mongo_mongoc_collection_destroy
#define mongoc_collection_find_with_opts mongo_mongoc_collection_find_with_opts
#define mongoc_cursor_destroy mongo_mongoc_cursor_destroy
#define mongoc_cursor_error mongo_mongoc_cursor_error
#define mongoc_cursor_next mongo_mongoc_cursor_next
#define mongoc_init mongo_mongoc_init
#define mongoc_log_set_handler mongo_mongoc_log_set_handler
#define mongoc_server_description_destroy mongo_mongoc_server_description_destroy
#define mongoc_server_description_type mongo_mongoc_server_description_type
#define mongoc_uri_destroy mongo_mongoc_uri_destroy
#define mongoc_uri_get_appname mongo_mongoc_uri_get_appname
#define mongoc_uri_get_database mongo_mongoc_uri_get_database
#define mongoc_uri_get_option_as_bool mongo_mongoc_uri_get_option_as_bool
#define mongoc_uri_get_option_as_int32 mongo_mongoc_uri_get_option_as_int32
#define mongoc_uri_has_option mongo_mongoc_uri_has_option
#define mongoc_uri_new_with_error mongo_mongoc_uri_new_with_error
#define mongoc_uri_set_appname mongo_mongoc_uri_set_appname
#define mongoc_uri_set_option_as_bool mongo_mongoc_uri_set_option_as_bool
#define mongoc_uri_set_option_as_int32 mongo_mongoc_uri_set_option_as_int32
#endif

#endif
