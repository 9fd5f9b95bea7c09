# Read after the makefile that Verilator writes for a model. Verilator splits a model into many small C++ files, each of
# which would parse Verilator's headers again: here they are compiled as two or three large ones. The runtime library is
# compiled once for all models below RUNTIMES.
fast := $(addsuffix .cpp,$(VM_CLASSES_FAST) $(VM_SUPPORT_FAST))
slow := $(addsuffix .cpp,$(VM_CLASSES_SLOW) $(VM_SUPPORT_SLOW))
units := fast slow

# A large model is worth two processors.
ifneq ($(word 12,$(fast)),)
  more := $(wordlist 12,$(words $(fast)),$(fast))
  fast := $(wordlist 1,11,$(fast))
  units := fast more slow
endif

# The key covers all that decides what the objects contain.
runtime_compile := $(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_GLOBAL)
runtime_key := $(firstword $(shell { $(CXX) --version; cat $(VERILATOR_ROOT)/include/verilated_config.h; \
                                     echo '$(runtime_compile)'; } | cksum))
runtime := $(addprefix $(RUNTIMES)/runtime-$(runtime_key)/,$(addsuffix .o,$(VM_GLOBAL_FAST) $(VM_GLOBAL_SLOW)))

model.so: $(addsuffix .unit.o,$(units)) model_shim.o $(runtime)
	$(LINK) $(LDFLAGS) $^ $(LDLIBS) -o $@

%.unit.cpp:
	printf '#include "%s"\n' $($*) > $@

fast.unit.o more.unit.o: %.o: %.cpp
	$(OBJCACHE) $(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_FAST) -c -o $@ $<

slow.unit.o: %.o: %.cpp
	$(OBJCACHE) $(CXX) $(CXXFLAGS) $(CPPFLAGS) $(OPT_SLOW) -c -o $@ $<

# Models may be built at the same time: an object gets its name once it is complete.
$(runtime):
	mkdir -p $(@D)
	$(OBJCACHE) $(runtime_compile) -c -o $@.$$$$ $(VERILATOR_ROOT)/include/$(basename $(@F)).cpp && mv $@.$$$$ $@
