# cases.py SOURCES FOLDER: writes the cases of the public matching benchmark, whose sources are there, as workloads into the folder, and
# prints their names.
import importlib.util
import os
import sys

sys.dont_write_bytecode = True
sources, folder = sys.argv[1:3]
spec = importlib.util.spec_from_file_location("conformance", os.path.join(sources, "scripts", "conformance_check.py"))
conformance = importlib.util.module_from_spec(spec)
spec.loader.exec_module(conformance)
for name, messages in conformance.EDGE_CASES.items():
    conformance.write_bin(os.path.join(folder, name), messages)
    print(name)
