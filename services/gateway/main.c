#include "services/gateway/gateway.h"

int main(int argc, char **argv)
{
    struct gateway_settings settings;
    struct service_program program = gateway_program(&settings);
    return service_main(&program, argc, argv);
}
