"""Generated from proto/ by .ci/stubs. Do not edit."""
