"""The outside world on one machine: WeChat's platform, single sign-on and a phone, over real HTTP."""
