"""The curator opens waves of questionnaires and gives out links."""
